-- SPDX-License-Identifier: Apache-2.0
-- The top level never ends.
-- stopped: load 
while true do end
return rule { name = "load_endless", about = "An attack.", allow = function() return true end }
