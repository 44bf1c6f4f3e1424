-- SPDX-License-Identifier: Apache-2.0
-- A global by way of the environment.
-- stopped: call undeclared
return rule {
  name = "write_env",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local e = _ENV
    e.stolen = item
    return true
  end,
}
