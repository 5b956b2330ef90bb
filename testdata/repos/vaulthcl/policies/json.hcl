{
  "path": {
    "*": {"capabilities": ["update"]}
  }
}
