-- SPDX-License-Identifier: Apache-2.0
-- The table of globals.
-- stopped: load undeclared global `_G`
_G.string = nil
return rule { name = "no__g", about = "An attack.", allow = function() return true end }
