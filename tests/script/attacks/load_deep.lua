-- SPDX-License-Identifier: Apache-2.0
-- The top level goes too deep.
-- stopped: load 
local function down(n) return 1 + down(n + 1) end
down(0)
return rule { name = "load_deep", about = "An attack.", allow = function() return true end }
