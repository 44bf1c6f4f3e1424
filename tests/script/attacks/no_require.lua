-- SPDX-License-Identifier: Apache-2.0
-- A module.
-- stopped: load undeclared global `require`
require('os')
return rule { name = "no_require", about = "An attack.", allow = function() return true end }
