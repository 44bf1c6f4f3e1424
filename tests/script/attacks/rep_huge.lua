-- SPDX-License-Identifier: Apache-2.0
-- A text of a gigabyte.
-- stopped: call 64 KiB
return rule {
  name = "rep_huge",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return #('x'):rep(1000000000) > 0
  end,
}
