-- SPDX-License-Identifier: Apache-2.0
-- A table that only looks like a rule.
-- stopped: load 
return { name = 'x', about = 'y', allow = function() return true end }
