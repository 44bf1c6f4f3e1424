-- SPDX-License-Identifier: Apache-2.0
-- Another environment.
-- stopped: load undeclared global `setfenv`
setfenv(1, {})
return rule { name = "no_setfenv", about = "An attack.", allow = function() return true end }
