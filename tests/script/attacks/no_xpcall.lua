-- SPDX-License-Identifier: Apache-2.0
-- Handlers run without a count.
-- stopped: load undeclared global `xpcall`
xpcall(error, function() while true do end end)
return rule { name = "no_xpcall", about = "An attack.", allow = function() return true end }
