-- SPDX-License-Identifier: Apache-2.0
-- The engine's own helpers, over and over.
-- stopped: call instructions
return rule {
  name = "slate_counts",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    while true do
      slate:count_same(item, 'category')
      slate:distance_to_same(item, 'tags')
    end
    return true
  end,
}
