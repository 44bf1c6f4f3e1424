-- SPDX-License-Identifier: Apache-2.0
-- Writes past what protects.
-- stopped: load undeclared global `rawset`
rawset(string, 'rep', nil)
return rule { name = "no_rawset", about = "An attack.", allow = function() return true end }
