-- SPDX-License-Identifier: Apache-2.0
-- Finalizers run without a count.
-- stopped: load undeclared global `setmetatable`
setmetatable({}, { __gc = function() while true do end end })
return rule { name = "no_setmetatable", about = "An attack.", allow = function() return true end }
