-- SPDX-License-Identifier: Apache-2.0
-- A function that is left out of the library.
-- stopped: load rules have no `math.random`
local f = math.random
return rule { name = "no_math_random", about = "An attack.", allow = function() return true end }
