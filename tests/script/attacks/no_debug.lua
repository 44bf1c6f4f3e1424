-- SPDX-License-Identifier: Apache-2.0
-- The registry.
-- stopped: load undeclared global `debug`
debug.getregistry()
return rule { name = "no_debug", about = "An attack.", allow = function() return true end }
