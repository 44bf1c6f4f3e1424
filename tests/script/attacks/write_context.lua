-- SPDX-License-Identifier: Apache-2.0
-- The request is changed.
-- stopped: call changed
return rule {
  name = "write_context",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    context.page = 1
    return true
  end,
}
