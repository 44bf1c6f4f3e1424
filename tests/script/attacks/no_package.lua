-- SPDX-License-Identifier: Apache-2.0
-- The loader, as one distribution left it.
-- stopped: load undeclared global `package`
package.loadlib('libc.so.6', 'system')
return rule { name = "no_package", about = "An attack.", allow = function() return true end }
