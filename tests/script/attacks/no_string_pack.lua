-- SPDX-License-Identifier: Apache-2.0
-- A function that is left out of the library.
-- stopped: load rules have no `string.pack`
local f = string.pack
return rule { name = "no_string_pack", about = "An attack.", allow = function() return true end }
