-- SPDX-License-Identifier: Apache-2.0
-- Output.
-- stopped: load undeclared global `print`
print('x')
return rule { name = "no_print", about = "An attack.", allow = function() return true end }
