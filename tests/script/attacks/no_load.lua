-- SPDX-License-Identifier: Apache-2.0
-- Code from text.
-- stopped: load undeclared global `load`
load('return 1')
return rule { name = "no_load", about = "An attack.", allow = function() return true end }
