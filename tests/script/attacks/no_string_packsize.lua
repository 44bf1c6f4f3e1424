-- SPDX-License-Identifier: Apache-2.0
-- A function that is left out of the library.
-- stopped: load rules have no `string.packsize`
local f = string.packsize
return rule { name = "no_string_packsize", about = "An attack.", allow = function() return true end }
