-- SPDX-License-Identifier: Apache-2.0
-- The same by `gmatch`.
-- stopped: call the pattern is too complex
return rule {
  name = "gmatch_backtracks",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    for word in (('a'):rep(3000)):gmatch(('a*'):rep(200) .. 'b') do end
    return true
  end,
}
