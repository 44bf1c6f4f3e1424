-- SPDX-License-Identifier: Apache-2.0
-- The count of instructions is per coroutine.
-- stopped: load undeclared global `coroutine`
coroutine.wrap(function() while true do end end)()
return rule { name = "no_coroutine", about = "An attack.", allow = function() return true end }
