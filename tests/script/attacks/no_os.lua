-- SPDX-License-Identifier: Apache-2.0
-- A command.
-- stopped: load undeclared global `os`
os.execute('true')
return rule { name = "no_os", about = "An attack.", allow = function() return true end }
