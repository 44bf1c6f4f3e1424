-- SPDX-License-Identifier: Apache-2.0
-- A loop without a keyword of loops.
-- stopped: call instructions
return rule {
  name = "endless_goto",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    ::again::
    goto again
    return true
  end,
}
