-- SPDX-License-Identifier: Apache-2.0
-- Userdata with a metatable of its own.
-- stopped: load undeclared global `newproxy`
newproxy(true)
return rule { name = "no_newproxy", about = "An attack.", allow = function() return true end }
