-- SPDX-License-Identifier: Apache-2.0
-- Output.
-- stopped: load undeclared global `warn`
warn('@on')
return rule { name = "no_warn", about = "An attack.", allow = function() return true end }
