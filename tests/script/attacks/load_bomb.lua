-- SPDX-License-Identifier: Apache-2.0
-- The top level takes all memory.
-- stopped: load 
local t = {}
for i = 1, 1e9 do t[i] = { i } end
return rule { name = "load_bomb", about = "An attack.", allow = function() return true end }
