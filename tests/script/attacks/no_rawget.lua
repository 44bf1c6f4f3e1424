-- SPDX-License-Identifier: Apache-2.0
-- Reads past what protects.
-- stopped: load undeclared global `rawget`
rawget(string, 'rep')
return rule { name = "no_rawget", about = "An attack.", allow = function() return true end }
