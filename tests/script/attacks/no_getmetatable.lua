-- SPDX-License-Identifier: Apache-2.0
-- The methods of all texts.
-- stopped: load undeclared global `getmetatable`
getmetatable('').__index.rep = nil
return rule { name = "no_getmetatable", about = "An attack.", allow = function() return true end }
