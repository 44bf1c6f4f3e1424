-- SPDX-License-Identifier: Apache-2.0
-- A size that is more than 64 bits.
-- stopped: call 64 KiB
return rule {
  name = "rep_overflow",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return #('xx'):rep(math.maxinteger) > 0
  end,
}
