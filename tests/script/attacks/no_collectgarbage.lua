-- SPDX-License-Identifier: Apache-2.0
-- The collector, on command.
-- stopped: load undeclared global `collectgarbage`
collectgarbage('step', 0)
return rule { name = "no_collectgarbage", about = "An attack.", allow = function() return true end }
