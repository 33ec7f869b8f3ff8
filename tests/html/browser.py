# SPDX-License-Identifier: GPL-3.0-or-later
"""A Chromium without a window, driven through a pipe. For tests/html/drive and tests/perf/page."""
import json
import os
import subprocess


class Browser:
    """Commands go through a pipe, so that no port is opened: NUL-terminated JSON on descriptors 3 and 4."""

    def __init__(self, program, folder):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # No network: even the browser's own calls home would go to a proxy that is not there.
        command = [program, '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage',
                   '--disable-background-networking', '--disable-component-update', '--disable-sync',
                   '--proxy-server=127.0.0.1:9', '--remote-debugging-pipe', f'--user-data-dir={folder}/profile']
        shell = 'exec "$@" 3<&%d 4>&%d' % (theirs_in, theirs_out)
        self.log = f'{folder}/chromium'
        self.errors = open(self.log, 'wb')
        self.process = subprocess.Popen(['bash', '-c', shell, 'chromium'] + command, pass_fds=(theirs_in, theirs_out),
                                        stdout=self.errors, stderr=self.errors)
        os.close(theirs_in)
        os.close(theirs_out)
        self.into, self.out = os.fdopen(ours_out, 'wb', 0), os.fdopen(ours_in, 'rb')
        self.rest, self.events, self.n, self.session = b'', [], 0, None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Network', 'Runtime', 'Log'):
            self.call(domain + '.enable')

    def read(self):
        while b'\0' not in self.rest:
            bytes_ = self.out.read1(1 << 20)
            if not bytes_:
                raise EOFError(open(self.log, errors='replace').read()[-1500:])
            self.rest += bytes_
        message, self.rest = self.rest.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.n += 1
        message = {'id': self.n, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        self.into.write(json.dumps(message).encode() + b'\0')
        while True:
            answer = self.read()
            if answer.get('id') == self.n:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]["message"]}')
                return answer['result']
            self.events.append(answer)

    def of(self, method):
        return [event['params'] for event in self.events if event.get('method') == method]

    def open(self, url):
        self.events = []
        self.call('Page.navigate', url=url)
        while not self.of('Page.loadEventFired'):
            self.events.append(self.read())

    def js(self, text):
        answer = self.call('Runtime.evaluate', expression=text, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails']['exception'].get('description', text))
        return answer['result'].get('value')

    def key(self, key, text=None):
        codes = {'Enter': 13, 'Escape': 27, 'Tab': 9, 'ArrowDown': 40, 'ArrowUp': 38}
        code = codes.get(key, ord(key.upper()[0]) if len(key) == 1 else 0)
        text = {'Enter': '\r'}.get(key, key if len(key) == 1 else None)
        parameters = {'key': key, 'windowsVirtualKeyCode': code}
        if text:
            parameters['text'] = text
        self.call('Input.dispatchKeyEvent', type='keyDown', **parameters)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key, windowsVirtualKeyCode=code)

    def stop(self):
        try:
            self.session = None
            self.call('Browser.close')
        except (EOFError, OSError):
            pass
        self.process.wait(20)
