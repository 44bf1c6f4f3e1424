-- SPDX-License-Identifier: Apache-2.0
-- A file as code.
-- stopped: load undeclared global `loadfile`
loadfile('/etc/passwd')
return rule { name = "no_loadfile", about = "An attack.", allow = function() return true end }
