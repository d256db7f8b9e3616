def run(folder):
    raise NotImplementedError
