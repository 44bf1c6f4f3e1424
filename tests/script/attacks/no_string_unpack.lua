-- SPDX-License-Identifier: Apache-2.0
-- A function that is left out of the library.
-- stopped: load rules have no `string.unpack`
local f = string.unpack
return rule { name = "no_string_unpack", about = "An attack.", allow = function() return true end }
