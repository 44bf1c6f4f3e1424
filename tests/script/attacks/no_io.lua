-- SPDX-License-Identifier: Apache-2.0
-- A file.
-- stopped: load undeclared global `io`
io.open('/etc/passwd')
return rule { name = "no_io", about = "An attack.", allow = function() return true end }
