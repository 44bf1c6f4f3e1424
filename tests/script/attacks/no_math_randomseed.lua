-- SPDX-License-Identifier: Apache-2.0
-- A function that is left out of the library.
-- stopped: load rules have no `math.randomseed`
local f = math.randomseed
return rule { name = "no_math_randomseed", about = "An attack.", allow = function() return true end }
