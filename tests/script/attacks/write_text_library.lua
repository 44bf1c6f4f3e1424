-- SPDX-License-Identifier: Apache-2.0
-- The library of texts is changed through a text.
-- stopped: call attempt
return rule {
  name = "write_text_library",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local s = 'x'
    s.rep = nil
    return true
  end,
}
