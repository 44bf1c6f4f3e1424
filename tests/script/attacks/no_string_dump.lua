-- SPDX-License-Identifier: Apache-2.0
-- A function that is left out of the library.
-- stopped: load rules have no `string.dump`
local f = string.dump
return rule { name = "no_string_dump", about = "An attack.", allow = function() return true end }
