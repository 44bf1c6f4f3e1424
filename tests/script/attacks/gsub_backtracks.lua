-- SPDX-License-Identifier: Apache-2.0
-- The same by `gsub`.
-- stopped: call the pattern is too complex
return rule {
  name = "gsub_backtracks",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return (('a'):rep(3000)):gsub(('a*'):rep(200) .. 'b', '') == ''
  end,
}
