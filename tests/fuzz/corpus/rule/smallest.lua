-- SPDX-License-Identifier: Apache-2.0
return rule { name = "r", about = "a", allow = function(item) return item.score > 0.5 end }
