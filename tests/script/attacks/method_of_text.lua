-- SPDX-License-Identifier: Apache-2.0
-- A text in place of the slate.
-- stopped: call expected
return rule {
  name = "method_of_text",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return slate.count('slate', 'is_new') > 0
  end,
}
