def page(service):
    return ""
