-- SPDX-License-Identifier: Apache-2.0
-- Code from text, as it was once called.
-- stopped: load undeclared global `loadstring`
loadstring('x')
return rule { name = "no_loadstring", about = "An attack.", allow = function() return true end }
