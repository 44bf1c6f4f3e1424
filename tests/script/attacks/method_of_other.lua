-- SPDX-License-Identifier: Apache-2.0
-- A method is called with something else.
-- stopped: call expected
return rule {
  name = "method_of_other",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return slate.count(42, 'is_new') > 0
  end,
}
