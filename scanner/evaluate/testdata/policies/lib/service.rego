package lib.service

# serves holds for a key that protects something now.
serves(key) if key.state == "enabled"
