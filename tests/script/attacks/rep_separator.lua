-- SPDX-License-Identifier: Apache-2.0
-- The separator is long, not the text.
-- stopped: call 64 KiB
return rule {
  name = "rep_separator",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return #('x'):rep(60000, ('y'):rep(60000)) > 0
  end,
}
