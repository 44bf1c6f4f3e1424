-- SPDX-License-Identifier: Apache-2.0
-- The same by `match`.
-- stopped: call the pattern is too complex
return rule {
  name = "match_backtracks",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return (('a'):rep(3000)):match(('a*'):rep(200) .. 'b') ~= nil
  end,
}
