-- SPDX-License-Identifier: Apache-2.0
-- A file as code.
-- stopped: load undeclared global `dofile`
dofile('/etc/passwd')
return rule { name = "no_dofile", about = "An attack.", allow = function() return true end }
