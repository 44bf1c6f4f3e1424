-- SPDX-License-Identifier: Apache-2.0
-- A file that is no rule.
-- stopped: load 
local x = 1
